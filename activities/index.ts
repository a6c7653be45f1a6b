import { dedupeActivities } from './dedupe';
import { endingActivities } from './ending';
import { extractActivities } from './extract';
import { filterActivities } from './filter';
import { loadActivities } from './load';
import { mapActivities } from './map';
import { planActivities } from './plan';
import { previewActivities } from './preview-report';
import { retryActivities } from './retry';
import type { ActivityDeps } from './run';
import { schedulingActivities } from './scheduling';
import { undoActivities } from './undo';

/** Everything that workflows can ask for. */
export const createActivities = (deps: ActivityDeps) => ({
  ...schedulingActivities(deps),
  ...extractActivities(deps),
  ...filterActivities(deps),
  ...dedupeActivities(deps),
  ...mapActivities(deps),
  ...loadActivities(deps),
  ...endingActivities(deps),
  ...planActivities(deps),
  ...previewActivities(deps),
  ...retryActivities(deps),
  ...undoActivities(deps),
});

export type Activities = ReturnType<typeof createActivities>;
