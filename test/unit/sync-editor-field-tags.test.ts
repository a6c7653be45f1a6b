import type { FieldDescription } from '../../src/domain/object-description';
import { fieldTags } from '../../src/web/features/sync-editor/lib/field-options';
import { field } from '../support/described';

test.each<[more: Partial<FieldDescription>, whenRead: string[], whenWritten: string[]]>([
  [{}, [], []],
  [{ unique: true, externalId: true }, ['unique', 'external Id'], ['unique', 'external Id']],
  [{ required: true, updateable: false }, ['required'], ['required', 'at creation only']],
  [{ createable: false }, [], ['not at creation']],
])('a field that is %j is told as %j, and to be written as %j', (more, whenRead, whenWritten) => {
  const described = field('Key', more);

  expect([fieldTags(described, false), fieldTags(described, true)]).toEqual([whenRead, whenWritten]);
});
