// A relay for the tests: Nodemailer's SMTP server, told by one JSON argument what to demand.
//
//   node smtp-server.mjs '{"mode":"starttls","cert":"cert.pem","key":"key.pem","user":"u","pass":"p"}'
//
// mode: "plain" offers no TLS, "starttls" and "implicit" need cert and key. With user and pass, mail is taken
// only after AUTH. Prints {"port":N} when it listens on 127.0.0.1, then one line for each mail that it took.
import { readFileSync } from "node:fs";
import { SMTPServer } from "smtp-server";

const { mode, cert, key, user, pass } = JSON.parse(process.argv[2]);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const tls = mode === "plain" ? {} : { cert: readFileSync(cert), key: readFileSync(key) };
const disabled = [mode === "starttls" ? [] : "STARTTLS", user ? [] : "AUTH"].flat();

const server = new SMTPServer({
  ...tls,
  secure: mode === "implicit",
  disabledCommands: disabled,
  disableReverseLookup: true,
  onAuth(auth, _session, done) {
    const right = auth.username === user && auth.password === pass;
    right ? done(null, { user }) : done(new Error("Wrong user name or password"));
  },
  onData(stream, session, done) {
    let bytes = 0;
    stream.on("data", (chunk) => (bytes += chunk.length));
    stream.on("end", () => {
      const { mailFrom, rcptTo } = session.envelope;
      const to = rcptTo.map((recipient) => recipient.address);
      say({ from: mailFrom.address, to, secure: session.secure, user: session.user ?? null, bytes });
      done(null, "taken");
    });
  },
});

// Clients that turn away from a certificate are what some tests are about.
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => say({ port: server.server.address().port }));
// The test that started it holds its standard input: when the test ends, however it ends, so does this.
process.stdin.on("close", () => process.exit(0)).resume();
