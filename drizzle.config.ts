import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './db/schema/definitions.ts',
    './db/schema/executions.ts',
    './db/schema/previews.ts',
    './db/schema/limits.ts',
  ],
  out: './db/migrations',
});
