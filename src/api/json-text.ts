/**
 * An answer as JSON that is written already. A definition of a list is sent as the database keeps it: to take it apart and put it together
 * again would cost more than all the rest of the answer.
 */
export class JsonText<Value> {
  /** Only the type says what is written. */
  declare protected readonly value: Value;
  constructor(readonly text: string) {}
}

/** A JSON object that is written already, with further members, none of which it has. */
export function withMembers<Written, Members extends object>(
  written: string,
  members: Members,
): JsonText<Written & Members> {
  const more = JSON.stringify(members);
  return new JsonText(written === '{}' ? more : `${written.slice(0, -1)},${more.slice(1)}`);
}

/** A page whose items are written already. */
export const writtenPage = <Item>({
  items,
  nextCursor,
}: {
  items: JsonText<Item>[];
  nextCursor: string | null;
}): JsonText<{ items: Item[]; nextCursor: string | null }> =>
  new JsonText(`{"items":[${items.map(({ text }) => text).join(',')}],"nextCursor":${JSON.stringify(nextCursor)}}`);
