// Reads messages from files as Nodemailer's mailparser does and prints what a reader would see of each, as JSON on a line.
//
//   node parse.mjs message.eml...
import { readFileSync } from "node:fs";
import { simpleParser } from "mailparser";

const options = { skipTextToHtml: true, skipHtmlToText: true, skipImageLinks: true };
for (const file of process.argv.slice(2)) {
  const mail = await simpleParser(readFileSync(file), options);
  const { address, name } = mail.from.value[0];
  const { subject, text, html, messageId, date } = mail;
  const list = mail.headers.get("list");
  const seen = { subject, fromName: name, fromAddress: address, to: mail.to.value[0].address, text, html, messageId, date, list };
  const line = JSON.stringify({ ...seen, unsubscribe: list?.unsubscribe?.url ?? null, attachments: mail.attachments.length });
  process.stdout.write(`${line}\n`);
}
