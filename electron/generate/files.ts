import type ts from 'typescript';

const CODE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const DECLARATIONS = /\.d\.[cm]?ts$/;
const TEST = /(?:^|[/.\-_])(?:tests?|tst|spec|__tests__|e2e)(?:[/.\-_]|$)/i;
const ASIDE =
  /(?:^|\/)(?:dist|build|out|vendor|third[-_]party|coverage|node_modules|fixtures?|__fixtures__|__mocks__|__snapshots__|examples?|demos?|bench(?:marks?)?|perf|docs?|website|scripts?|tools?|templates?|\.[^/]+)\//i;
/** Shown to readers or started by hand, wherever it lies: `example.js`, `demo-json.mjs`. */
const SHOWN =
  /(?:^|\/)(?:examples?|demos?|samples?|bench(?:mark)?s?|playground|scratch)(?:[-_.][^/]*)?$/i;
const CONFIG = /(?:^|\/)(?:\.[^/]+|[^/]+\.config\.[^/]+|gulpfile\.[^/]+|gruntfile\.[^/]+)$/i;
/** What TypeScript, Babel and bundlers write and people do not. */
const COMPILED =
  /Object\.defineProperty\(exports, ["']__esModule["']|\b__(?:createBinding|importDefault|toESM|commonJS)\b|^\/\/[#@] sourceMappingURL=/m;
const GENERATED = /\.min\.|\.umd\.|\.bundle\.|\.generated\./;

/** JavaScript or TypeScript with code in it. */
export function isCode(file: string): boolean {
  return CODE.test(file) && !DECLARATIONS.test(file) && !GENERATED.test(file);
}

/** A test or something that tests are made of. */
export function isTest(file: string): boolean {
  return TEST.test(file);
}

/** Code that is the project's own product: no tests, examples, fixtures, tooling or generated files. */
export function isProduct(file: string): boolean {
  return isOwnCode(file) && !isTest(file);
}

/** The code of the project including its tests, without what is generated, vendored or an example. */
export function isOwnCode(file: string): boolean {
  return isCode(file) && !ASIDE.test(file) && !SHOWN.test(file) && !CONFIG.test(file);
}

/** Generators say so at the top of what they write, compilers leave their own marks. */
export function isGenerated(text: string): boolean {
  return /@generated|do not edit|auto-?generated/i.test(text.slice(0, 1000)) || COMPILED.test(text);
}

/** Line of a node, counted from 1. */
export function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}

/** One line of evidence: `file:line` and the code. */
export function evidence(file: string, line: number, code: string): string {
  const shown = code.replaceAll(/\s+/g, ' ').trim();
  return `${file}:${line} ${shown.length > 120 ? `${shown.slice(0, 119)}…` : shown}`;
}
