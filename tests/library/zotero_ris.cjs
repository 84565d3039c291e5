// Read RIS on standard input by Zotero's own translator, and print its items as JSON.
//
// The translator is that of the package zotero-translators. Zotero's application is not there: what
// the translator asks of it is below. fieldIsValidForType() allows every field, so a field that
// Zotero would put into its notes is in the item.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const ID = '"translatorID": "32d59d2d-b65a-4da4-b0a3-bdd3cfb979e7"';
const bundle = fs.readFileSync(
  path.join(process.argv[2], "zotero-translators", "index.js"),
  "utf8",
);
const code = bundle.indexOf('"code": ', bundle.indexOf(ID)) + '"code": '.length;
const translator = JSON.parse(bundle.slice(code, bundle.indexOf("\n", code)));

const items = [];
class Item {
  constructor(type) {
    Object.assign(this, { itemType: type, creators: [], notes: [], tags: [], attachments: [] });
  }
  complete() {
    items.push(this);
  }
}
const lines = fs.readFileSync(0, "utf8").replace(/^\uFEFF/, "").split(/\r?\n/);
const utilities = {
  cleanDOI: (text) => (text.match(/10\.\d{4,}\/\S+/) || [null])[0],
  deepCopy: (value) => JSON.parse(JSON.stringify(value)),
  fieldIsValidForType: () => true,
  strToDate: (text) => ({ year: text }),
  formatDate: (date) => date.year,
  unescapeHTML: (text) => text,
};
const Zotero = {
  Item,
  Utilities: utilities,
  debug: () => {},
  getHiddenPref: () => undefined,
  getOption: () => undefined,
  read: () => (lines.length ? lines.shift() : false),
};
const context = vm.createContext({ Zotero, Z: Zotero, ZU: utilities, console });
vm.runInContext(translator.slice(translator.indexOf("\n}") + 2), context);
context.doImport().then(
  () => process.stdout.write(JSON.stringify(items)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
