import { z } from 'zod';

/** What Salesforce puts into the address when it sends a person back; neither, where access was not allowed. */
export const consentSearch = z.object({
  state: z.coerce.string().optional().catch(undefined),
  code: z.coerce.string().optional().catch(undefined),
});
