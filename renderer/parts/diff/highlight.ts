import { createLowlight } from 'lowlight';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import css from 'highlight.js/lib/languages/css';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import markdown from 'highlight.js/lib/languages/markdown';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

const lowlight = createLowlight({
  ...{ bash, c, cpp, css, go, java, javascript, json, markdown, python, rust, sql, typescript },
  ...{ xml, yaml },
});

/** By the end of a file's name. */
const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ sh: 'bash', bash: 'bash', c: 'c', h: 'c', cc: 'cpp', cpp: 'cpp', hpp: 'cpp', css: 'css' },
  ...{ go: 'go', java: 'java', js: 'javascript', mjs: 'javascript', cjs: 'javascript' },
  ...{ jsx: 'javascript', json: 'json', md: 'markdown', py: 'python', rs: 'rust', sql: 'sql' },
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
