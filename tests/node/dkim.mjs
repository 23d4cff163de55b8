// Verifies the DKIM signatures of messages in files with mailauth, and prints for each file a line of JSON: what became of each
// of its signatures, from the first.
//
//   node dkim.mjs records.json message.eml...
//
// records.json holds the TXT records that its questions are answered with, by name: nothing is asked of DNS.
import { readFileSync } from "node:fs";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";

const [records, ...files] = process.argv.slice(2);
const answers = JSON.parse(readFileSync(records, "utf8"));
const resolver = async (name, type) => {
  if (type === "TXT" && answers[name]) return [[answers[name]]];
  throw Object.assign(new Error("no such record"), { code: "ENOTFOUND" });
};

for (const file of files) {
  const { results } = await dkimVerify(readFileSync(file), { resolver });
  process.stdout.write(`${JSON.stringify(results.map(({ status }) => status.result === "pass"))}\n`);
}
