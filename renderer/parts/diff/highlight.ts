import { common, createLowlight } from 'lowlight';

const lowlight = createLowlight(common);

/** By the end of a file's name. */
const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ sh: 'bash', bash: 'bash', c: 'c', h: 'c', cc: 'cpp', cpp: 'cpp', hpp: 'cpp', css: 'css' },
  ...{ cs: 'csharp', go: 'go', graphql: 'graphql', ini: 'ini', toml: 'ini', java: 'java' },
  ...{ js: 'javascript', mjs: 'javascript', cjs: 'javascript', jsx: 'javascript', json: 'json' },
  ...{ kt: 'kotlin', less: 'less', lua: 'lua', md: 'markdown', php: 'php', pl: 'perl' },
  ...{ py: 'python', r: 'r', rb: 'ruby', rs: 'rust', scss: 'scss', sql: 'sql', swift: 'swift' },
  ...{ ts: 'typescript', mts: 'typescript', cts: 'typescript', tsx: 'typescript', html: 'xml' },
  ...{ svg: 'xml', xml: 'xml', vue: 'xml', yaml: 'yaml', yml: 'yaml' },
};

/** What a piece of code is, as far as it has a colour of its own. */
type Shade = 'keyword' | 'string' | 'number' | 'name' | 'comment';

export interface Piece {
  readonly text: string;
  readonly shade: Shade | null;
}

type Hast = ReturnType<typeof lowlight.highlight>['children'][number];

/** The lines of a code in pieces of one colour; null for a language that is not known. */
export function highlight(path: string, code: string): Piece[][] | null {
  const language = LANGUAGES[path.split('.').at(-1)?.toLowerCase() ?? ''];
  if (language === undefined) return null;
  const lines: Piece[][] = [[]];
  const walk = (node: Hast, shade: Shade | null): void => {
    if (node.type === 'text') {
      const [first = '', ...rest] = node.value.split('\n');
      if (first !== '') lines.at(-1)?.push({ text: first, shade });
      for (const text of rest) lines.push(text === '' ? [] : [{ text, shade }]);
    } else if (node.type === 'element') {
      const own = shadeOf(node.properties['className']) ?? shade;
      for (const child of node.children) walk(child, own);
    }
  };
  for (const node of lowlight.highlight(language, code).children) walk(node, null);
  return lines;
}

function shadeOf(classes: unknown): Shade | null {
  const name = Array.isArray(classes) ? String(classes[0]) : '';
  switch (name.replace(/^hljs-/, '')) {
    case 'keyword':
    case 'selector-tag':
    case 'literal':
      return 'keyword';
    case 'string':
    case 'regexp':
      return 'string';
    case 'number':
    case 'symbol':
    case 'meta':
      return 'number';
    case 'title':
    case 'attr':
    case 'name':
    case 'section':
    case 'built_in':
    case 'type':
      return 'name';
    case 'comment':
    case 'quote':
      return 'comment';
    default:
      return null;
  }
}
