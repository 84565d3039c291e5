// Passkeys: hands the question of a form to the browser and sends the form with the answer.
// Without this file, codes of an app and recovery codes work.

const FAULTS = {
  NotAllowedError: "The passkey was not used: it was cancelled, took too long, or this device has none of yours.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "Passkeys do not work at this address.",
};

function prepare(area) {
  const button = area.querySelector("button");
  const problem = area.querySelector("[role=alert]");
  const { form } = button;
  const tell = (message) => {
    problem.textContent = message;
    problem.hidden = !message;
  };
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
    tell("This browser is too old for passkeys. Use a code, or another browser.");
    return;
  }
  area.querySelector(".passkey-act").hidden = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    tell("");
    // The site says what is missing before the person makes a passkey for nothing.
    if (area.dataset.wants && [...form.querySelectorAll(area.dataset.wants)].some((field) => !field.value)) {
      form.submit();
      return;
    }
    const asked = JSON.parse(area.dataset.passkey).publicKey;
    button.disabled = true;
    try {
      const answer = asked.rp
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
      form.elements[area.dataset.field].value = JSON.stringify(answer);
      form.submit();
    } catch (fault) {
      tell(FAULTS[fault.name] ?? "The browser could not use a passkey. Try again.");
    } finally {
      button.disabled = false;
    }
  });
}

document.querySelectorAll("[data-passkey]").forEach(prepare);
