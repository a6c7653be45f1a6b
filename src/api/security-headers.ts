import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

const DIRECTIVES = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", (_request: IncomingMessage, response: ServerResponse) => `'nonce-${nonceOf(response)}'`],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  objectSrc: ["'none'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

/** A page that makes styles by itself marks them with the nonce of its answer. */
const nonceOf = (response: ServerResponse): string => (response as Response).locals.nonce; // set before, below

/** A year, as lists of such hosts want it. */
const HTTPS_SECONDS = 365 * 86_400;

/**
 * Pages load nothing from elsewhere, run no code and take no style but our files', and stand in no frame.
 * @param publicUrl where it begins with https, browsers are told to come by no other way
 */
export function securityHeaders(publicUrl: string): RequestHandler {
  const setHeaders = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES },
    strictTransportSecurity: publicUrl.startsWith('https:') && { maxAge: HTTPS_SECONDS, includeSubDomains: true },
  });
  return (request, response, next) => {
    response.locals.nonce = randomBytes(16).toString('base64');
    setHeaders(request, response, next);
  };
}
