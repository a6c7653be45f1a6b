import type { Route } from '../route';
import { administrationRoutes } from './administration';
import { connectionRoutes } from './connections';
import { definitionRoutes } from './definitions';
import { executionRoutes } from './executions';
import { followUpRoutes } from './follow-ups';
import { mappingRoutes } from './mappings';
import { previewRoutes } from './previews';
import { recordDetailRoutes } from './record-detail';
import { salesforceConsentRoutes } from './salesforce-consents';
import { scheduleRoutes } from './schedules';
import { sessionRoutes } from './session';
import { settingsRoutes } from './settings';
import { syncControlRoutes } from './sync-controls';
import { syncRoutes } from './syncs';
import { timelineRoutes } from './timeline';
import { webhookDeliveryRoutes } from './webhook-deliveries';
import { webhookRoutes } from './webhooks';

export const API_PREFIX = '/api/v1';

/** Every route of the API; the server and the OpenAPI document are made of them. */
export const ROUTES: readonly Route[] = [
  ...connectionRoutes,
  ...salesforceConsentRoutes,
  ...syncRoutes,
  ...syncControlRoutes,
  ...definitionRoutes,
  ...mappingRoutes,
  ...scheduleRoutes,
  ...previewRoutes,
  ...executionRoutes,
  ...timelineRoutes,
  ...recordDetailRoutes,
  ...followUpRoutes,
  ...webhookRoutes,
  ...webhookDeliveryRoutes,
  ...sessionRoutes,
  ...settingsRoutes,
  ...administrationRoutes,
];
