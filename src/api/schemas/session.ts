import { z } from 'zod';
import { ROLES } from './roles';

const SESSION = {
  name: 'SYNC_API_KEY',
  role: 'admin' as const,
};

/** Who is signed in. */
export const sessionAnswer = z
  .object({ name: z.string().meta({ description: 'Name of the API key' }), role: z.enum(ROLES) })
  .meta({ id: 'Session', example: SESSION });

export const signInLinkAnswer = z
  .object({
    url: z.url().meta({ description: 'Opens a session in the browser that follows it first' }),
    expiresAt: z.iso.datetime(),
  })
  .meta({
    id: 'SignInLink',
    example: { url: 'http://127.0.0.1:3000/sign-in-link?token=…', expiresAt: '2026-12-01T09:10:00.000Z' },
  });
