/** What a caller may do, each more than the one before: read; save and run syncs; change connections and keys. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];
