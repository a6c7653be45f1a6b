/** One end, as far as a name is made of it. */
interface NamedEnd {
  connection: { name: string } | null;
  object: { label: string } | null;
}

/** "Contact → Lead (Prod SF → Marketo EU)", once both ends are chosen; of the source alone, "Contact from Prod SF". */
export function proposedName(source: NamedEnd, destination: NamedEnd): string | null {
  if (!source.connection || !source.object) return null;
  if (!destination.connection || !destination.object) return `${source.object.label} from ${source.connection.name}`;
  return `${source.object.label} → ${destination.object.label} (${source.connection.name} → ${destination.connection.name})`;
}
