import { type ActivityLog, ActivityTypeId, type ChangedField, type StoredActivity } from './activity-log';
import type { ActivityPlace } from './date-token';
import type { LeadFields } from './lead-fields';
import type { MarketoSettings } from './settings';
import { formatInstant } from './time';

const DAY_MS = 86_400_000;
/** Entries of Delete Lead older than these days are gone (Marketo guide, "Get Deleted Leads"). */
const DELETED_LEADS_DAYS = 14;

/** One activity as the API gives it out. */
export interface Activity {
  id: number;
  marketoGUID: string;
  leadId: number;
  activityDate: string;
  activityTypeId: number;
  primaryAttributeValueId?: number;
  primaryAttributeValue?: string;
  fields?: ChangedField[];
  attributes: { name: string; value: unknown }[];
}

export interface ActivityPage {
  activities: Activity[];
  /** Where the next page begins; also on the last one, as a bookmark. */
  next: ActivityPlace;
  hasMore: boolean;
}

export interface ActivityReader {
  /**
   * One page from a place on. Only so many stored events are looked at as the settings say, so a page can be short or
   * empty although more are to come.
   */
  page(place: ActivityPlace, size: number, expand: (event: StoredActivity) => Activity[]): ActivityPage;
  /** Each changed field of an event of type 13 as an activity of its own, other events as one; filtered by type. */
  single(event: StoredActivity): Activity[];
  /** All events of a range, both ends included, in slices. */
  inRange(from: number, to: number): Iterable<StoredActivity>;
}

interface ActivityReaderOptions {
  log: ActivityLog;
  fields: LeadFields;
  settings: () => Readonly<MarketoSettings>;
  now: () => number;
}

export function createActivityReader({ log, fields, settings, now }: ActivityReaderOptions): ActivityReader {
  const purge = (): void => {
    log.purge(ActivityTypeId.ChangeDataValue, now() - settings().activityLifeDays * DAY_MS);
    log.purge(ActivityTypeId.DeleteLead, now() - DELETED_LEADS_DAYS * DAY_MS);
  };
  const visibleUntil = (): number => now() - settings().visibilityDelayMs;

  return {
    page(place, size, expand) {
      purge();
      const scan = settings().activitiesPerScan;
      const events = log.after(place.instant, place.position, visibleUntil(), scan);
      const activities: Activity[] = [];
      let next = place;
      for (const event of events) {
        // an event whose first activities were on the last page goes on after them
        const delivered = event.at === place.instant ? place.position : 0;
        for (const activity of expand(event)) {
          if (activity.id <= delivered) continue;
          if (activities.length === size) return { activities, next, hasMore: true };
          activities.push(activity);
          next = { instant: event.at, position: activity.id };
        }
        next = { instant: event.at, position: event.id + event.size - 1 };
      }
      return { activities, next, hasMore: events.length === scan };
    },
    single(event) {
      const { fields: changed = [], ...details } = event.details;
      const common = { leadId: event.leadId, activityDate: formatInstant(event.at), activityTypeId: event.typeId };
      if (changed.length === 0) return [{ id: event.id, marketoGUID: String(event.id), ...common, ...details }];
      return changed.map((change, index) => ({
        id: event.id + index,
        marketoGUID: String(event.id + index),
        ...common,
        primaryAttributeValueId: change.id,
        primaryAttributeValue: fields.get(change.name)?.displayName ?? change.name,
        attributes: [
          { name: 'New Value', value: change.newValue },
          { name: 'Old Value', value: change.oldValue },
          ...details.attributes,
        ],
      }));
    },
    *inRange(from, to) {
      purge();
      let place: ActivityPlace = { instant: from, position: 0 };
      for (;;) {
        const events = log.after(place.instant, place.position, Math.min(to, visibleUntil()), 1000);
        yield* events;
        const last = events[events.length - 1];
        if (!last) return;
        place = { instant: last.at, position: last.id + last.size - 1 };
      }
    },
  };
}
