import type { ConnectionKind } from './connection';
import type { Definition } from './definition';
import type { ObjectDescription } from './object-description';
import type { PreviewWarning } from './preview';
import { isConsent } from './suggest-mappings';

/** One end of a sync, as far as warnings depend on it. */
export interface EndOfSync {
  kind: ConnectionKind;
  object: ObjectDescription;
}

interface Found {
  definition: Pick<Definition, 'mappings' | 'salesforce' | 'records'>;
  source: EndOfSync;
  destination: EndOfSync;
  /** Records that would be created or updated. */
  writes: number;
  /** Names of active syncs that copy from the destination's object to the source's. */
  oppositeSyncs: readonly string[];
  /** Null where all records were read. */
  sample: { read: number; total: number | null } | null;
}

/** What people should know before a run, although nothing is wrong with it. */
export function previewWarnings(found: Found): PreviewWarning[] {
  return [...ofSample(found), ...ofChangedOnly(found), ...ofAutomation(found), ...ofEcho(found), ...ofConsent(found)];
}

function ofSample({ sample }: Found): PreviewWarning[] {
  if (!sample) return [];
  const whole = sample.total === null ? 'the source does not tell of how many' : `of about ${sample.total}`;
  const message = `The figures of the plan are those of the first ${sample.read} records in source order, ${whole}. A full preview reads them all.`;
  return [{ code: 'sample', message }];
}

function ofChangedOnly({ definition }: Found): PreviewWarning[] {
  if (definition.records === 'all') return [];
  const message =
    'The figures are those of all records. Once the sync has run, a run reads only what has changed since.';
  return [{ code: 'changedOnly', message }];
}

function ofAutomation({ definition, destination, writes }: Found): PreviewWarning[] {
  if (writes === 0) return [];
  const { label } = destination.object;
  if (destination.kind === 'marketo') {
    const message = `Writing to ${label} may start Marketo's own automation: campaigns that listen for new or changed records, and the mails that they send.`;
    return [{ code: 'automation', message }];
  }
  const { assignmentRules = false, allowDuplicates = false } = definition.salesforce ?? {};
  const message =
    `Writing to ${label} may start Salesforce's own automation: triggers, flows, validation and duplicate rules. ` +
    `Assignment rules are ${assignmentRules ? 'on' : 'off'}; duplicates that a rule only warns about are ${allowDuplicates ? 'saved' : 'refused'}.`;
  return [{ code: 'automation', message }];
}

/** Objects that Marketo's own sync with Salesforce keeps alike. */
const NATIVE: Record<ConnectionKind, readonly string[]> = {
  marketo: ['Lead', 'Company'],
  salesforce: ['Lead', 'Contact', 'Account'],
};

/** What would carry a change back to where it came from. Our own echo, compared by value, changes nothing. */
function ofEcho({ source, destination, oppositeSyncs, writes }: Found): PreviewWarning[] {
  if (writes === 0) return [];
  const warnings: PreviewWarning[] = oppositeSyncs.map((name) => ({
    code: 'oppositeSync',
    message: `The sync "${name}" copies in the opposite direction and would carry these changes back. Map the fields of each direction so that one side leads.`,
  }));
  const isNative = [source, destination].every(({ kind, object }) => NATIVE[kind].includes(object.name));
  if (isNative && source.kind !== destination.kind) {
    const message =
      "If Marketo's native Salesforce sync connects these two, it copies the same changes as well, and back. Keep one of the two, or let them write different fields.";
    warnings.push({ code: 'nativeSync', message });
  }
  return warnings;
}

function ofConsent({ definition, destination }: Found): PreviewWarning[] {
  const written = new Set(definition.mappings.map(({ to }) => to));
  const fields = destination.object.fields.filter((field) => written.has(field.name) && isConsent(field));
  if (fields.length === 0) return [];
  const names = fields.map(({ label }) => label).join(', ');
  return [
    {
      code: 'consent',
      message: `The mapping writes what people have agreed to: ${names}. Make sure that the source knows better.`,
    },
  ];
}
