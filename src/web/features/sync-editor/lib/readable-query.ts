const TOKEN = /'(?:\\.|[^'\\])*'|[()]|\s+(FROM|WHERE|ORDER BY|LIMIT|AND|OR)\b/g;
const JOINS = ['AND', 'OR'];

/**
 * A query of Salesforce with a line for each of its parts and conditions; those within brackets further in. What Marketo is asked, which is
 * no query but a call, stays as it is.
 */
export function readableQuery(query: string): string {
  if (!query.startsWith('SELECT ')) return query;
  let depth = 0;
  return query.replace(TOKEN, (token: string, keyword: string | undefined) => {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (keyword === undefined) return token;
    return `\n${'  '.repeat(JOINS.includes(keyword) ? depth + 1 : depth)}${keyword}`;
  });
}
