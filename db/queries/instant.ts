/** What the driver gives as an instant, as ISO 8601 UTC. */
export const iso = (value: string | null): string | null => (value === null ? null : new Date(value).toISOString());
