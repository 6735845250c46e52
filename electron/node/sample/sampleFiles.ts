/**
 * The files of the sample project. Every gap in them is meant: an unused file, unused exports and
 * imports, what ESLint can repair, missing metadata, two comments that ask for work, a swallowed
 * error, an untested module, undocumented functions, and a test that fails from the start.
 */
export const SAMPLE_FILES: Readonly<Record<string, string>> = {
  'package.json': `{
  "name": "hourbook",
  "version": "0.3.0",
  "description": "Turns tracked hours into invoices",
  "private": true,
  "type": "module",
  "exports": "./src/index.js",
  "scripts": {
    "test": "node --test"
  }
}
`,
  '.nvmrc': `22
`,
  '.gitignore': `node_modules/
`,
  LICENSE: `MIT License

Copyright (c) 2026 The Hourbook authors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`,
  'README.md': `# Hourbook

Turns tracked hours into invoices. Times are ISO strings, money is in cents.

    import { invoiceFor, parseEntries } from 'hourbook';

    const entries = parseEntries(text);
    console.log(invoiceFor('Acme', entries, { rateCents: 9000 }));
`,
  'src/index.js': `export { parseEntries } from './parse.js';
export { invoiceFor } from './invoice.js';
export { renderInvoice } from './render.js';
export { loadEntries } from './storage.js';
export { weeklyReport } from './report.js';
`,
  'src/parse.js': `import { minutesBetween, addDays } from './time.js';

/** Reads one entry per line: \`client; project; start; end\`. Throws on a line that is not one. */
export function parseEntries(text) {
  var lines = text.split('\\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    let [client, project, start, end] = line.split(';').map((part) => part.trim());
    if (typeof end == 'undefined') throw new Error(\`line \${index + 1}: four fields are needed\`);
    return { client, project, start, end, minutes: minutesBetween(start, end) };
  });
}
`,
  'src/time.js': `const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 24 * 60 * MS_PER_MINUTE;

/** Whole minutes from one ISO time to a later one. Throws when they are the wrong way round. */
export function minutesBetween(start, end) {
  const minutes = Math.round((Date.parse(end) - Date.parse(start)) / MS_PER_MINUTE);
  if (!(minutes >= 0)) throw new Error(\`\${end} is not after \${start}\`);
  return minutes;
}

/** The ISO date so many days later. */
export function addDays(date, days) {
  return new Date(Date.parse(date) + days * MS_PER_DAY).toISOString().slice(0, 10);
}

/** The Monday of the week that a date lies in. */
export function weekOf(date) {
  const day = new Date(date).getUTCDay();
  return addDays(date, -((day + 6) % 7));
}

/** Whether a date is a Saturday or a Sunday. */
export function isWeekend(date) {
  const day = new Date(date).getUTCDay();
  return day === 0 || day === 6;
}
`,
  'src/money.js': `/** Cents for minutes at an hourly rate in cents, rounded to the cent. */
export function costOf(minutes, rateCents) {
  return Math.round((minutes * rateCents) / 60);
}

/** \`1234567\` becomes \`12,345.67\`. */
export function formatCents(cents) {
  const text = (cents / 100).toFixed(2);
  return text.replace(/\\B(?=(\\d{3})+(?!\\d))/g, ',');
}

/** Reads \`12.34\` as cents. */
export function parseCents(text) {
  return Math.trunc(Number(text) * 100);
}

const SYMBOLS = { EUR: '€', USD: '$', GBP: '£' };

/** The sign of a currency, or its code. */
export function currencySymbol(code) {
  return SYMBOLS[code] ?? code;
}
`,
  'src/group.js': `import { weekOf } from './time.js';
import { formatCents } from './money.js';

/** Entries by the value that a function gives them, in the order of first sight. */
export function groupBy(entries, keyOf) {
  var groups = new Map();
  for (const entry of entries) {
    const key = keyOf(entry);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(entry);
  }
  return groups;
}

/** Entries by the Monday of their week. */
export function groupByWeek(entries) {
  return groupBy(entries, (entry) => weekOf(entry.start.slice(0, 10)));
}
`,
  'src/invoice.js': `import { addDays } from './time.js';
import { costOf } from './money.js';
import { groupBy } from './group.js';

const PAYMENT_DAYS = 30;

export function invoiceFor(client, entries, { rateCents, date = '2026-01-01' }) {
  const own = entries.filter((entry) => entry.client === client);
  const lines = [...groupBy(own, (entry) => entry.project)].map(([project, items]) => {
    const minutes = items.reduce((sum, item) => sum + item.minutes, 0);
    return { project, minutes, cents: costOf(minutes, rateCents) };
  });
  // TODO: support a discount in percent, shown as a line of its own
  const totalCents = lines.reduce((sum, line) => sum + line.cents, 0);
  return { client, date, due: addDays(date, PAYMENT_DAYS), lines, totalCents };
}
`,
  'src/render.js': `import { formatCents } from './money.js';

function hours(minutes) {
  return \`\${Math.floor(minutes / 60)}:\${String(minutes % 60).padStart(2, '0')}\`;
}

/** The invoice as plain text. */
export function renderInvoice(invoice) {
  let header = \`Invoice for \${invoice.client}, \${invoice.date}, due \${invoice.due}\`;
  const lines = invoice.lines.map(
    (line) => \`  \${line.project}  \${hours(line.minutes)}  \${formatCents(line.cents)}\`,
  );
  return [header, ...lines, \`  Total  \${formatCents(invoice.totalCents)}\`].join('\\n');
}
`,
  'src/storage.js': `import { readFile } from 'node:fs/promises';
import { parseEntries } from './parse.js';

/** Reads the entries of a file; a file that is not there has none. */
export async function loadEntries(file) {
  try {
    return parseEntries(await readFile(file, 'utf8'));
  } catch (error) {}
  return [];
}
`,
  'src/report.js': `import { groupByWeek } from './group.js';

export function weeklyReport(entries) {
  const weeks = [...groupByWeek(entries)].map(([monday, items]) => ({
    monday,
    minutes: items.reduce((sum, item) => sum + item.minutes, 0),
  }));
  // FIXME: weeks in which nobody worked are missing from the report
  return weeks.sort((a, b) => a.monday.localeCompare(b.monday));
}
`,
  'src/csvExport.js': `const SEPARATOR = ',';

/** Entries as comma-separated values, from before invoices were rendered as text. */
export function toCsv(entries) {
  return entries.map((entry) => Object.values(entry).join(SEPARATOR)).join('\\n');
}
`,
  'test/parse.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEntries } from '../src/parse.js';

test('an entry has its minutes', () => {
  const [entry] = parseEntries('Acme; Site; 2026-01-05T09:00Z; 2026-01-05T10:30Z');
  assert.equal(entry.minutes, 90);
});

test('empty lines are left out', () => {
  assert.deepEqual(parseEntries('\\n\\n'), []);
});

test('a line without an end is refused', () => {
  assert.throws(() => parseEntries('Acme; Site; 2026-01-05T09:00Z'), /line 1/);
});
`,
  'test/money.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costOf, formatCents, parseCents } from '../src/money.js';

test('cost is rounded to the cent', () => {
  assert.equal(costOf(50, 9999), 8333);
});

test('thousands are separated', () => {
  assert.equal(formatCents(1234567), '12,345.67');
});

test('an amount is read as cents', () => {
  assert.equal(parseCents('12.50'), 1250);
});

// 19.99 * 100 is 1998.9999999999998: this one has been failing for a while.
test('an amount keeps its last cent', () => {
  assert.equal(parseCents('19.99'), 1999);
});
`,
  'test/time.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDays, minutesBetween, weekOf } from '../src/time.js';

test('minutes are counted across midnight', () => {
  assert.equal(minutesBetween('2026-01-05T23:30Z', '2026-01-06T00:15Z'), 45);
});

test('an end before its start is refused', () => {
  assert.throws(() => minutesBetween('2026-01-05T10:00Z', '2026-01-05T09:00Z'));
});

test('days are added across a month', () => {
  assert.equal(addDays('2026-01-31', 1), '2026-02-01');
});

test('a week begins on Monday', () => {
  assert.equal(weekOf('2026-01-11'), '2026-01-05');
});
`,
  'test/invoice.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupBy } from '../src/group.js';
import { invoiceFor } from '../src/invoice.js';
import { parseEntries } from '../src/parse.js';
import { renderInvoice } from '../src/render.js';

const entries = parseEntries(
  \`Acme; Site; 2026-01-05T09:00Z; 2026-01-05T10:30Z
   Acme; Shop; 2026-01-06T09:00Z; 2026-01-06T10:00Z
   Other; Site; 2026-01-06T11:00Z; 2026-01-06T12:00Z\`,
);

test('entries are grouped in the order of first sight', () => {
  assert.deepEqual([...groupBy(entries, (entry) => entry.project).keys()], ['Site', 'Shop']);
});

test('an invoice has a line for each project of the client', () => {
  const invoice = invoiceFor('Acme', entries, { rateCents: 9000 });
  assert.deepEqual(invoice.lines.map((line) => line.cents), [13500, 9000]);
  assert.equal(invoice.totalCents, 22500);
});

test('an invoice is due after thirty days', () => {
  assert.equal(invoiceFor('Acme', entries, { rateCents: 9000, date: '2026-01-31' }).due, '2026-03-02');
});

test('an invoice is printed with its total', () => {
  const text = renderInvoice(invoiceFor('Acme', entries, { rateCents: 9000 }));
  assert.match(text, /Site {2}1:30 {2}135\\.00/);
  assert.match(text, /Total {2}225\\.00/);
});
`,
};
