import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Request, type RequestHandler, type Response, Router } from 'express';

/** Where the nonce of an answer goes in the page as it was built. */
const NONCE_PLACE = 'CSP_NONCE';
/** Names of assets change with their content. */
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Compressed forms that may lie beside an asset, the smallest first. */
const ENCODINGS = { br: '.br', gzip: '.gz' } as const;
/** Addresses that belong to programs: what is not there is told to them as such. */
const NOT_A_PAGE = /^\/(api|docs|assets)(\/|$)|^\/(openapi\.json|healthz|readyz|metrics)$/;

/**
 * The web UI as it was built: its assets, and at every address that belongs to nobody else its one page, which finds out by itself what to
 * show there. Comes after all other routes.
 * @param folder where `scripts/build-web.mjs` has put it
 */
export function webUi(folder: string): Router {
  const router = Router();
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const assets = join(folder, 'assets');
  const names = new Set(readdirSync(assets));
  router.get('/assets/:name', (request, response, next) => {
    const { name } = request.params;
    if (!names.has(name)) return next();
    sendAsset(assets, names, name, request, response);
  });
  router.use(pageAtAnyAddress(page));
  return router;
}

/** Whether a web UI was built; from sources alone there is none. */
export const hasWebUi = (folder: string): boolean => existsSync(join(folder, 'index.html'));

function sendAsset(
  folder: string,
  names: ReadonlySet<string>,
  name: string,
  request: Request,
  response: Response,
): void {
  const there = Object.entries(ENCODINGS).filter(([, ending]) => names.has(`${name}${ending}`));
  const encoding = request.acceptsEncodings(...there.map(([encoding]) => encoding), 'identity');
  const ending = there.find(([each]) => each === encoding)?.[1] ?? '';
  response.type(name).setHeader('Cache-Control', FOR_EVER).setHeader('Vary', 'Accept-Encoding');
  if (ending !== '') response.setHeader('Content-Encoding', String(encoding));
  response.sendFile(`${name}${ending}`, { root: folder, cacheControl: false, lastModified: false });
}

const pageAtAnyAddress =
  (page: string): RequestHandler =>
  (request, response, next) => {
    const isAsked = request.method === 'GET' || request.method === 'HEAD';
    if (!isAsked || NOT_A_PAGE.test(request.path)) return next();
    // it holds the nonce of this answer
    response.setHeader('Cache-Control', 'no-store');
    response.type('html').send(page.replace(NONCE_PLACE, response.locals.nonce));
  };
