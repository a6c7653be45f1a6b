import { dirname } from 'node:path';
import express, { Router } from 'express';
import { definitionsSchema, SCHEMA_PATH } from './definitions/schema';
import type { ApiDeps } from './deps';
import { openApiDocument } from './openapi';

/** The folder of the files that show the document in a browser; nothing is loaded from elsewhere. */
const swaggerFiles = dirname(require.resolve('swagger-ui-dist/package.json'));

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sync: API documents</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
</head>
<body>
<main id="documents" aria-label="API documents"></main>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>`;

/** In the look that the web UI has been given, else in that of the system. */
const START = `const dark = matchMedia('(prefers-color-scheme: dark)');
function look() {
  const chosen = localStorage.getItem('mantine-color-scheme-value');
  document.documentElement.classList.toggle('dark-mode', chosen === 'dark' || (chosen !== 'light' && dark.matches));
}
look();
dark.addEventListener('change', look);
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#documents', deepLinking: true, displayRequestDuration: true });`;

/** `/openapi.json`, and `/docs`, which shows it; the schema of definitions as files. */
export function documents({ settings }: Pick<ApiDeps, 'settings'>): Router {
  const router = Router();
  const document = openApiDocument(settings.publicUrl);
  const schema = definitionsSchema();
  router.get('/openapi.json', (_request, response) => void response.json(document));
  router.get(SCHEMA_PATH, (_request, response) => void response.type('application/schema+json').json(schema));
  router.get('/docs', (_request, response) => void response.type('html').send(PAGE));
  router.get('/docs/start.js', (_request, response) => void response.type('js').send(START));
  router.use('/docs/files', express.static(swaggerFiles, { index: false, immutable: true, maxAge: '1 day' }));
  return router;
}
