import { ApiError } from '../api-error';
import type { Caller } from '../http-call';
import { versionOf } from '../versions';
import { elementIn, escapedXml, firstElementIn, textOf } from './soap-xml';
import { callerNamed, isPassword, type SignInParts } from './token-flows';
import { isActive, type UserRecord, userRecord } from './user-record';

export interface SoapRequest {
  /** `u` for the partner's, `c` for the enterprise's description of the API. */
  api: string;
  /** Of the address, such as `60.0`. */
  version: string;
  body: string;
  /** The org's address as the client has called it. */
  baseUrl: string;
}

export interface SoapAnswer {
  status: number;
  /** XML. */
  body: string;
}

/** Release notes, "SOAP API login() Call is Being Retired": absent from 65.0 on. */
const LAST_LOGIN_VERSION = 64;
const SCOPE = 'soap';
const SECOND_MS = 1_000;

/** A fault, which SOAP answers with HTTP 500. */
class SoapFault extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** Name of the element in `detail`; absent: no detail. */
    readonly detail?: string,
  ) {
    super(message);
  }
}

/** The two SOAP calls that sign in and out (SOAP API guide, "login()", "logout()"). */
export function answerSoap(parts: SignInParts, request: SoapRequest): SoapAnswer {
  try {
    return { status: 200, body: envelope(namespaceOf(request), answered(parts, request)) };
  } catch (error) {
    if (error instanceof SoapFault) return { status: 500, body: faultXml(error) };
    throw error;
  }
}

function answered(parts: SignInParts, request: SoapRequest): string {
  const version = servedVersion(request.version);
  const body = elementIn(request.body, 'Body');
  const call = body === undefined ? undefined : firstElementIn(body);
  if (body === undefined || call === undefined) throw new SoapFault('soapenv:Client', 'The body is no SOAP envelope');
  if (call === 'login' && version <= LAST_LOGIN_VERSION) return login(parts, request, body);
  if (call === 'logout') return logout(parts, request);
  throw new SoapFault(
    'soapenv:Client',
    `No operation available for request {${namespaceOf(request)}}${call}, please check the WSDL for the service.`,
  );
}

function servedVersion(version: string): number {
  try {
    return versionOf(`v${/^\d+$/.test(version) ? `${version}.0` : version}`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const text = 'UNSUPPORTED_API_VERSION: Invalid Api version specified on URL';
    throw new SoapFault('sf:UNSUPPORTED_API_VERSION', text, 'UnexpectedErrorFault');
  }
}

function login(parts: SignInParts, request: SoapRequest, body: string): string {
  const { org, sessions } = parts;
  const content = elementIn(body, 'login') ?? '';
  const caller = callerNamed(parts, textOf(elementIn(content, 'username') ?? '').trim());
  const isRight = isPassword(org, textOf(elementIn(content, 'password') ?? ''));
  const user = caller && userRecord(org, caller.user);
  if (!caller || !user || !isRight || !isActive(user))
    throw loginFault('INVALID_LOGIN', 'Invalid username, password, security token; or user locked out.');
  if (!org.settings.apiEnabled)
    throw loginFault('API_DISABLED_FOR_ORG', 'API is not enabled for this Organization or Partner');
  return loginResult(parts, request, caller, user, sessions.open({ caller, scope: SCOPE }));
}

function loginFault(code: string, text: string): SoapFault {
  return new SoapFault(code, `${code}: ${text}`, 'LoginFault');
}

function loginResult(
  { org, setup }: SignInParts,
  { api, version, baseUrl }: SoapRequest,
  caller: Caller,
  user: UserRecord,
  sessionId: string,
): string {
  const organization15 = setup.organizationId.slice(0, 15);
  const shown = (name: string): string => String(user(name) ?? '');
  const userId = org.ids.encode(caller.user);
  const result = {
    metadataServerUrl: `${baseUrl}/services/Soap/m/${version}/${organization15}`,
    passwordExpired: org.settings.passwordExpired,
    sandbox: true,
    serverUrl: `${baseUrl}/services/Soap/${api}/${version}/${organization15}`,
    sessionId,
    userId,
  };
  const userInfo = {
    organizationId: setup.organizationId,
    organizationMultiCurrency: false,
    organizationName: `Sandbox ${org.core.name}`,
    profileId: org.ids.encode(Number(user('ProfileId'))),
    sessionSecondsValid: Math.floor(org.settings.sessionTimeoutMs / SECOND_MS),
    userEmail: shown('Email'),
    userFullName: shown('Name'),
    userId,
    userLanguage: shown('LanguageLocaleKey'),
    userLocale: shown('LocaleSidKey'),
    userName: caller.userName,
    userTimeZone: org.settings.timeZone,
    userType: 'Standard',
  };
  return `<loginResponse><result>${elements(result)}<userInfo>${elements(userInfo)}</userInfo></result></loginResponse>`;
}

function logout({ sessions }: SignInParts, { body }: SoapRequest): string {
  const token = textOf(elementIn(elementIn(body, 'Header') ?? '', 'sessionId') ?? '').trim();
  if (!sessions.find(token))
    throw new SoapFault(
      'sf:INVALID_SESSION_ID',
      'INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key',
      'UnexpectedErrorFault',
    );
  sessions.end(token);
  return '<logoutResponse/>';
}

function elements(values: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${escapedXml(String(value))}</${name}>`)
    .join('');
}

function namespaceOf({ api }: SoapRequest): string {
  return api === 'c' ? 'urn:enterprise.soap.sforce.com' : 'urn:partner.soap.sforce.com';
}

function envelope(namespace: string, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="${namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>`;
}

function faultXml({ code, message, detail }: SoapFault): string {
  const text = escapedXml(message);
  const plain = escapedXml(code.replace(/^sf:/, ''));
  const what = message.startsWith(`${plain}: `) ? message.slice(plain.length + 2) : message;
  const more =
    detail === undefined
      ? ''
      : `<detail><sf:${detail} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="sf:${detail}"><sf:exceptionCode>${plain}</sf:exceptionCode><sf:exceptionMessage>${escapedXml(what)}</sf:exceptionMessage></sf:${detail}></detail>`;
  return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><faultcode>${escapedXml(code)}</faultcode><faultstring>${text}</faultstring>${more}</soapenv:Fault></soapenv:Body></soapenv:Envelope>`;
}
