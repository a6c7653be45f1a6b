const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const CODES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * The content of the first element of that local name, whatever its prefix and namespace.
 * @returns undefined when there is none; markup inside is given as it is
 */
export function elementIn(xml: string, localName: string): string | undefined {
  const open = new RegExp(`<(?:[\\w.-]+:)?${localName}(?:\\s[^<>]*?)?(/?)>`).exec(xml);
  if (!open) return undefined;
  if (open[1] === '/') return '';
  const start = open.index + open[0].length;
  const close = new RegExp(`</(?:[\\w.-]+:)?${localName}\\s*>`).exec(xml.slice(start));
  return close ? xml.slice(start, start + close.index) : undefined;
}

/** Local name of the first element inside of another. */
export function firstElementIn(xml: string): string | undefined {
  return /<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)(?=[\s/>])/.exec(xml.replace(/<!--[\s\S]*?-->/g, ''))?.[1];
}

/** Text of an element's content: CDATA sections and entities are resolved. */
export function textOf(content: string): string {
  return content
    .split(/(<!\[CDATA\[[\s\S]*?\]\]>)/)
    .map((part) => (part.startsWith('<![CDATA[') ? part.slice('<![CDATA['.length, -']]>'.length) : unescaped(part)))
    .join('');
}

function unescaped(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g,
    (all, hex?: string, decimal?: string, name = '') => {
      if (hex === undefined && decimal === undefined) return ENTITIES[name as string] ?? all;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

export function escapedXml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => CODES[letter] ?? letter);
}
