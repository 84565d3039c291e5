// The workbench: the image of the page in view, with boxes on its coded words.
"use strict";

const sheet = document.querySelector(".bench-image");

function showImage() {
  const part = partElement(currentPart);
  if (!sheet || !part || !part.dataset.width) return;
  const image = sheet.querySelector("img");
  const number = part.dataset.part;
  const widths = image.srcset.replace(/\/pages\/\d+\//g, `/pages/${number}/`);
  if (image.srcset !== widths) {
    image.width = Math.round(part.dataset.width);
    image.height = Math.round(part.dataset.height);
    image.srcset = widths;
    image.src = image.src.replace(/\/pages\/\d+\//, `/pages/${number}/`);
  }
  image.alt = `Image of page ${number}. Its text is next to it.`;
  const svg = sheet.querySelector("svg.sheet");
  svg.setAttribute("viewBox", `0 0 ${part.dataset.width} ${part.dataset.height}`);
  svg.replaceChildren(...part.dataset.boxes.split(";").filter(Boolean).map((box) => {
    const [, x, y, width, height] = box.split(" ");
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x, y, width, height, class: "hl target" })) rect.setAttribute(name, value);
    return rect;
  }));
}
