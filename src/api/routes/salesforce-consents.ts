import { z } from 'zod';
import { isNameTaken, loadForChange, rememberIdentity, syncsUsing } from '../../../db/queries/connections';
import { insertConsent, takeConsent } from '../../../db/queries/salesforce-consents';
import { ConnectorError } from '../../connectors/connector-error';
import { type NewSalesforceConnection, newSalesforceConnection } from '../../domain/connection';
import { mergedSettings } from '../changed-settings';
import type { ApiDeps } from '../deps';
import { connectorProblem, invalidInput, Problem } from '../problem';
import { type Caller, route } from '../route';
import {
  createConnection,
  nameTaken,
  otherInstance,
  outcomeOf,
  saveConnectionChange,
  toConnectionAnswer,
} from '../save-connection';
import { connectionAnswer } from '../schemas/connections';
import { consentAnswer, consentBody, consentEnd } from '../schemas/salesforce-consents';
import { hashToken, newToken } from '../session';
import { existingConnection } from '../vendor';

const CONSENT_MS = 10 * 60_000;
/** Stands for the token that is still to come. */
const TO_COME = 'to come';

/** What is kept while a person is at Salesforce. Written and read here alone. */
const pending = z.object({
  connectionId: z.uuid().nullable(),
  connection: newSalesforceConnection,
  verifier: z.string(),
});

/** A page of the web UI: it brings code and state back with the session of the browser, which other sites cannot. */
const redirectUri = ({ publicUrl }: ApiDeps['settings']): string => `${publicUrl}/connections/salesforce`;
const begunBy = ({ id, sessionId }: Caller): string => `${id}/${sessionId ?? ''}`;

export const salesforceConsentRoutes = [
  route({
    method: 'post',
    path: '/salesforce-consents',
    summary: 'Begin to connect with Salesforce by its own sign-in page',
    description:
      "Open the answer's `url` in a browser. Salesforce sends the person back to `/connections/salesforce` below SYNC_PUBLIC_URL, the callback URL " +
      'that its app has to name, with `state` and `code`; hand these to `/salesforce-consents/finish` within ten minutes.',
    tag: 'Connections',
    role: 'admin',
    body: consentBody,
    status: 201,
    answer: consentAnswer,
    isSecret: true,
    refusals: [404, 409],
    async handle({ body, caller, change }, deps) {
      const { secrets, settings, now } = deps;
      const connection = await connectionOf(body, deps);
      const [state, verifier] = [newToken(), newToken()];
      const url = deps.consents.url(clientOf(connection), { redirectUri: redirectUri(settings), state, verifier });
      return change(async (tx, note) => {
        const times = { now: now(), expiresAt: new Date(Date.parse(now()) + CONSENT_MS).toISOString() };
        const connectionId = body.connectionId ?? null;
        const given = JSON.stringify({ connectionId, connection, verifier } satisfies z.input<typeof pending>);
        await insertConsent(tx, secrets, { stateHash: hashToken(state), begunBy: begunBy(caller), given }, times);
        await note('connection.askConsent', `connection/${connectionId ?? ''}`, { name: connection.name });
        return { url, expiresAt: times.expiresAt };
      });
    },
  }),
  route({
    method: 'post',
    path: '/salesforce-consents/finish',
    summary: 'Store the connection that a person has consented to',
    description: 'Only whoever has begun it can finish it, once.',
    tag: 'Connections',
    role: 'admin',
    body: consentEnd,
    status: 200,
    answer: connectionAnswer,
    refusals: [404, 409, 502, 503, 504],
    async handle({ body: { state, code }, caller, change }, deps) {
      const { database, secrets, settings, now } = deps;
      const mine = { stateHash: hashToken(state), begunBy: begunBy(caller) };
      const given = await takeConsent(database.db, secrets, mine, now());
      if (given === null) {
        throw new Problem(
          404,
          'This sign-in was not begun here, was begun over ten minutes ago, or is finished. Begin again.',
        );
      }
      const { connectionId, connection, verifier } = pending.parse(JSON.parse(given));
      const consent = { code, verifier, redirectUri: redirectUri(settings) };
      const redeemed = await outcomeOf(deps.consents.redeem(clientOf(connection), consent));
      if (redeemed instanceof ConnectorError) throw connectorProblem(redeemed, connection.name);
      const identity = redeemed.organizationId;
      const after = withRefreshToken(connection, redeemed.refreshToken);
      const before = connectionId === null ? null : await loadForChange(database.db, secrets, connectionId);
      if (
        before?.identity &&
        before.identity !== identity &&
        (await syncsUsing(database.db, before.connectionId)).length > 0
      ) {
        throw new Problem(409, otherInstance(before.identity, identity));
      }
      return change(async (tx, note) => {
        if (before) {
          return toConnectionAnswer(
            await saveConnectionChange(tx, note, deps, { before, after, identity, given: ['auth'] }),
          );
        }
        const row = await createConnection(tx, note, deps, after);
        await rememberIdentity(tx, row.connectionId, identity);
        return toConnectionAnswer({ ...row, identity });
      });
    },
  }),
];

/** The connection that is to be, but for its token. @throws Problem where it cannot be */
async function connectionOf(body: z.output<typeof consentBody>, deps: ApiDeps): Promise<NewSalesforceConnection> {
  const { clientId, clientSecret, ...rest } = body.settings;
  const secret = clientSecret === undefined ? {} : { clientSecret };
  const changes = { ...rest, auth: { type: 'refreshToken', clientId, ...secret, refreshToken: TO_COME } };
  const { db } = deps.database;
  if (body.connectionId === undefined) {
    if (await isNameTaken(db, body.name ?? '')) throw nameTaken();
    return parsed({ name: body.name, kind: 'salesforce', settings: changes });
  }
  const { kind, name } = await existingConnection(deps, body.connectionId);
  if (kind !== 'salesforce') throw new Problem(409, `${name} is not a connection with Salesforce.`);
  const before = await loadForChange(db, deps.secrets, body.connectionId);
  return parsed({ name, kind, settings: mergedSettings(before.settings, changes) });
}

function parsed(connection: unknown): NewSalesforceConnection {
  const result = newSalesforceConnection.safeParse(connection);
  if (!result.success) throw invalidInput(result.error);
  return result.data;
}

function authOf({ settings: { auth } }: NewSalesforceConnection) {
  if (auth.type !== 'refreshToken') throw new Error('A consent gives a refresh token.');
  return auth;
}

function clientOf(connection: NewSalesforceConnection) {
  const { loginUrl, quotaShare } = connection.settings;
  const { clientId, clientSecret } = authOf(connection);
  return { loginUrl, quotaShare, clientId, clientSecret };
}

const withRefreshToken = (connection: NewSalesforceConnection, refreshToken: string): NewSalesforceConnection => ({
  ...connection,
  settings: { ...connection.settings, auth: { ...authOf(connection), refreshToken } },
});
