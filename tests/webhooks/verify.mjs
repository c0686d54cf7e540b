// Does the official verifier take this delivery? Stdin: {"secret", "headers", "body" (base64)}; the answer is the exit status.
import { readFileSync } from "node:fs";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const REFUSED = 3; // not 1, with which Node ends when the program itself is broken
const { secret, headers, body } = JSON.parse(readFileSync(0, "utf8"));
try {
  new Webhook(secret).verify(Buffer.from(body, "base64"), headers);
} catch (error) {
  if (!(error instanceof WebhookVerificationError)) throw error;
  process.exit(REFUSED);
}
