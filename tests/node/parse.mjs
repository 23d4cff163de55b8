// Reads a message from a file as Nodemailer's mailparser does and prints what a reader would see of it, as JSON.
//
//   node parse.mjs message.eml
import { readFileSync } from "node:fs";
import { simpleParser } from "mailparser";

const options = { skipTextToHtml: true, skipHtmlToText: true, skipImageLinks: true };
const mail = await simpleParser(readFileSync(process.argv[2]), options);
const { address, name } = mail.from.value[0];
const { subject, text, html } = mail;
const list = mail.headers.get("list");
const seen = { subject, fromName: name, fromAddress: address, to: mail.to.value[0].address, text, html };
process.stdout.write(JSON.stringify({ ...seen, unsubscribe: list?.unsubscribe?.url ?? null, attachments: mail.attachments.length }));
