import type { Org } from './org';
import type { OrgRules } from './org-rules';
import type { ObjectSchema } from './org-schema';
import { recordError } from './record-error';
import { keyPrefixOf, type RecordReference, sequenceOf } from './record-id';
import { isIndexed } from './record-store';
import { isDeleted, refused, unsupported, type WriteResult, type WriteSession } from './record-writer';

/** More children than this are found in several rounds. */
const CHILDREN_AT_A_TIME = 10_000;

/** Deletes records: into the recycle bin, or for good. */
export class RecordRemoval {
  constructor(
    private readonly org: Org,
    private readonly rules: OrgRules,
  ) {}

  /**
   * Children that belong to the record go with it; other records' lookups to it are cleared.
   * @param isHard leaves no row behind, also of what is in the recycle bin already
   */
  remove(reference: RecordReference, session: WriteSession, isHard: boolean): WriteResult {
    const object = this.org.schema.byKeyPrefix(keyPrefixOf(reference));
    const row = object && this.org.table(object).read(sequenceOf(reference));
    if (!object || !row)
      return refused([recordError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')], reference);
    if (!object.can('delete')) return refused([unsupported(object, 'delete')], reference);
    const isInBin = row[object.system('IsDeleted').position] === 1;
    if (isInBin && !isHard) return refused([isDeleted()], reference);
    const lock = this.rules.checkLock(object, reference, row);
    if (lock) return refused([lock], reference);
    this.removeOne(object, reference, session, isHard, isInBin);
    return { success: true, reference, created: false };
  }

  /** Takes a record out of the recycle bin, as people do in the user interface. */
  undelete(reference: RecordReference): boolean {
    const object = this.org.schema.byKeyPrefix(keyPrefixOf(reference));
    const table = object && this.org.table(object);
    if (!table?.stateOf(sequenceOf(reference))?.isDeleted) return false;
    table.undelete(sequenceOf(reference), this.org.stamp());
    return true;
  }

  private removeOne(
    object: ObjectSchema,
    reference: RecordReference,
    session: WriteSession,
    isHard: boolean,
    isInBin: boolean,
  ): void {
    const table = this.org.table(object);
    if (!isInBin) this.leaveChildren(object, reference, session);
    if (isHard) table.remove(sequenceOf(reference));
    else table.markDeleted(sequenceOf(reference), this.org.now(), this.org.stamp());
    this.org.core.logWrite({
      by: session.userName,
      via: session.via,
      object: object.name,
      recordId: this.org.ids.encode(reference),
      operation: 'delete',
      before: { IsDeleted: isInBin },
      after: isHard ? null : { IsDeleted: true },
    });
  }

  private leaveChildren(object: ObjectSchema, reference: RecordReference, session: WriteSession): void {
    for (const { child, field, cascadeDelete } of this.org.schema.childrenOf(object.name)) {
      const childObject = this.org.schema.require(child);
      if (!isIndexed(childObject, field) || field.name === 'LeadOrContactId') continue;
      const table = this.org.table(childObject);
      for (;;) {
        const children = table.find(field, reference, CHILDREN_AT_A_TIME);
        for (const sequence of children) {
          if (cascadeDelete)
            this.removeOne(childObject, this.org.reference(childObject, sequence), session, false, false);
          else table.update(sequence, [field, childObject.system('SystemModstamp')], [null, this.org.stamp()]);
        }
        if (children.length < CHILDREN_AT_A_TIME) break;
      }
    }
  }
}
