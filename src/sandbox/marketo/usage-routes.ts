import type { Route } from './call';
import type { CallLimits } from './call-limits';

const WEEK_DAYS = 7;

/** Usage and errors of today and of the last seven days; no permission is needed (Marketo guide, "Usage"). */
export function usageRoutes(limits: CallLimits): Route[] {
  const route = (name: string, result: () => readonly unknown[]): Route => ({
    method: 'GET',
    path: `/rest/v1/stats/${name}.json`,
    permission: null,
    handle: () => ({ result: result() }),
  });
  return [
    route('usage', () => limits.usage(1)),
    route('usage/last7days', () => limits.usage(WEEK_DAYS)),
    route('errors', () => limits.errors(1)),
    route('errors/last7days', () => limits.errors(WEEK_DAYS)),
  ];
}
