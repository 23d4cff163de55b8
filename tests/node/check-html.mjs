// Says what checkers find in the HTML parts of mails, a line of JSON for each file:
//   { file, validate: [html-validate's words], vnu: [the Nu checker's], clients: [what Gmail, Outlook or Apple Mail do not know] }
//
//   node check-html.mjs letter.html...
//
// A mail is laid out with tables and their presentational attributes, which pages must not be (T4): those are no faults here.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { caniemail } from "caniemail";
import { HtmlValidate } from "html-validate";
import vnu from "vnu-jar";

const files = process.argv.slice(2);

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // T1, T4, T5, T6: what mail clients need.
    "no-inline-style": "off",
    deprecated: "off",
    "no-deprecated-attr": "off",
    "attribute-boolean-style": "off",
    "no-conditional-comment": "off",
    "no-redundant-role": "off",
    "no-implicit-button-type": "off",
    "long-title": "off",
    "meta-refresh": "off",
    // Matters of taste, not of what is right.
    "doctype-style": "off",
    "void-style": "off",
    "no-trailing-whitespace": "off",
    "attr-quotes": "off",
    "element-permitted-content": "error",
  },
});

// What the Nu checker says of presentational attributes, and of declarations for Outlook alone.
const tolerated = [
  /The “(width|align|cellpadding|cellspacing|border|bgcolor)” attribute on the “(table|td|img)” element is obsolete/,
  /Attribute “xmlns:o” not allowed here|Attribute with the local name “xmlns:o” is not serializable/,
  /CSS: “mso-|“mso-[-a-z]+”: Property/,
  /Attribute “data-[-a-z]+” is not serializable/,
];

async function nu() {
  const run = promisify(execFile);
  const options = { maxBuffer: 64 << 20 };
  const asked = ["-jar", vnu, "--format", "json", "--exit-zero-always", "--stdout", ...files];
  const { stdout } = await run("java", asked, options);
  const { messages } = JSON.parse(stdout);
  return messages.filter((message) => !tolerated.some((words) => words.test(message.message)));
}

// Clients whose readers are most, and for what they lack the letter has another way (a note says which).
const clients = ["gmail.*", "outlook.*", "apple-mail.*"];

const found = await nu();
for (const file of files) {
  const html = readFileSync(file, "utf8");
  const report = await validator.validateString(html);
  const validate = report.results.flatMap((result) =>
    result.messages.map(({ ruleId, message, line }) => `${ruleId}: ${message} (line ${line})`),
  );
  const about = found.filter((message) => message.url.endsWith(encodeURI(file)) || message.url.endsWith(file));
  const words = about.map(({ type, message, lastLine, extract }) => `${type}: ${message} (line ${lastLine}) ${extract ?? ""}`);
  const { issues } = caniemail({ clients, html });
  const lacking = {};
  for (const [client, list] of issues.errors) {
    for (const issue of list) (lacking[issue.title] ??= []).push(client);
  }
  process.stdout.write(`${JSON.stringify({ file, validate, vnu: words, clients: lacking })}\n`);
}
