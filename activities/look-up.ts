import type { ExistingRecord, LookupRequest } from '../src/connectors/connector';
import { matchKey } from '../src/domain/match-key';
import type { FieldDescription } from '../src/domain/object-description';
import { inParallel } from './in-parallel';
import type { Run, Watch } from './run';

/** What is needed of the field that is looked in. */
type KeyField = Pick<FieldDescription, 'name' | 'type' | 'caseSensitive'>;

/**
 * Finds the destination's records that hold one of the keys, in as many calls side by side as the system allows.
 * @param request.keys normalised and distinct; none of them is a blank
 * @param request.formsOf in what forms a key is asked for, see `keyForms`; as it is unless told otherwise
 * @returns normalised key → the records that hold it
 */
export async function lookUp(
  run: Pick<Run, 'destination'>,
  watch: Pick<Watch, 'readSignal'>,
  request: Omit<LookupRequest, 'field' | 'keys'> & {
    field: KeyField;
    keys: readonly string[];
    formsOf?: (key: string) => readonly string[];
  },
): Promise<Map<string, ExistingRecord[]>> {
  const { object, field, keys, fields, formsOf = (key) => [key] } = request;
  const { lookupKeys, lookupsAtOnce } = run.destination.limits;
  const found = new Map<string, ExistingRecord[]>();
  await inParallel(slices(keys.map(formsOf), lookupKeys), lookupsAtOnce, async (some) => {
    const records = await run.destination.findByKey(
      { object, field: field.name, keys: some, fields },
      watch.readSignal,
    );
    for (const record of records) {
      const key = matchKey(field.name === object.idField ? record.destinationId : record.key, field);
      if (key !== null) found.set(key, [...(found.get(key) ?? []), record]);
    }
  });
  return found;
}

/** The forms of one key stay together, so that no record is found twice. */
function* slices(keys: readonly (readonly string[])[], size: number): Generator<string[]> {
  let slice: string[] = [];
  for (const forms of keys) {
    if (slice.length > 0 && slice.length + forms.length > size) {
      yield slice;
      slice = [];
    }
    slice.push(...forms);
  }
  if (slice.length > 0) yield slice;
}
