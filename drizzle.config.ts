import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './db/schema/definitions.ts',
    './db/schema/executions.ts',
    './db/schema/previews.ts',
    './db/schema/limits.ts',
    './db/schema/follow-ups.ts',
    './db/schema/sessions.ts',
    './db/schema/timeline.ts',
    './db/schema/audit-chain.ts',
    './db/schema/webhooks.ts',
  ],
  out: './db/migrations',
});
