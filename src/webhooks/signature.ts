import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
/** Between the 24 and 64 that Standard Webhooks demands. */
const SECRET_BYTES = 32;

/** A new signing secret, in the form of Standard Webhooks. */
export const makeSigningSecret = (): string => `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;

/** What is sent of an event, and signed. */
export interface Signed {
  /** The same for each attempt: by it a receiver drops repeats. */
  eventId: string;
  /** Of the attempt, in seconds since 1970. */
  sentAt: number;
  body: string;
}

/**
 * The headers by which a receiver knows that an event comes from us (https://www.standardwebhooks.com).
 * @param secrets with each of which it is signed, the newest first
 */
export function signatureHeaders({ eventId, sentAt, body }: Signed, secrets: readonly string[]) {
  const signed = `${eventId}.${sentAt}.${body}`;
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  });
  return { 'webhook-id': eventId, 'webhook-timestamp': String(sentAt), 'webhook-signature': signatures.join(' ') };
}
