import type { Gap } from '../../../shared/model/gap.ts';
import type { RiskTier } from '../../../shared/model/task.ts';
import type { Detector, ScanContext } from '../context.ts';
import { mechanicGap } from '../makeGap.ts';
import { manifestAt } from '../published.ts';

const MANIFEST = 'package.json';

/** A sentence that only this licence has, by SPDX id. */
const LICENCES: readonly (readonly [string, RegExp])[] = [
  [
    'MIT',
    /permission is hereby granted, free of charge, to any person obtaining a copy[\s\S]*the above copyright notice and this permission notice shall be included/,
  ],
  [
    'ISC',
    /permission to use, copy, modify, and\/?(?: ?or)? distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice/,
  ],
  ['Apache-2.0', /apache license,? version 2\.0/],
  ['BSD-3-Clause', /redistribution and use in source and binary forms[\s\S]*neither the name/],
  ['BSD-2-Clause', /redistribution and use in source and binary forms(?![\s\S]*neither the name)/],
  ['MPL-2.0', /^\W*mozilla public license,? version 2\.0/],
  ['Unlicense', /this is free and unencumbered software released into the public domain/],
];

interface Fact {
  readonly field: string;
  readonly value: Extract<
    Extract<Gap['executor'], { kind: 'mechanic' }>['recipe'],
    { kind: 'metadata' }
  >['value'];
  readonly proof: string;
  readonly risk: RiskTier;
}

function license(context: ScanContext): Fact[] {
  const files = context.files.filter((file) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(file));
  const file = files[0];
  if (file === undefined || files.length > 1) return []; // two licences: a choice that a human has made
  const text = context.text(file).toLowerCase().replaceAll(/\s+/g, ' ');
  const found = LICENCES.filter(([, sentence]) => sentence.test(text));
  const id = found[0]?.[0];
  return id === undefined || found.length > 1
    ? []
    : [{ field: 'license', value: id, proof: `${file} is the text of ${id}`, risk: 'low' }];
}

function home(context: ScanContext): Fact[] {
  const match =
    /^(?:git\+)?(?:https?:\/\/(?:[^/@]+@)?|ssh:\/\/git@|git@|git:\/\/)(github\.com|gitlab\.com)[/:]([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(
      context.remoteUrl ?? '',
    );
  const [, host, owner, name] = match ?? [];
  if (host === undefined || owner === undefined || name === undefined) return [];
  const url = `https://${host}/${owner}/${name}`;
  const proof = `the git remote is ${url}`;
  // npm itself derives `bugs` and `homepage` from it.
  return [
    { field: 'repository', value: { type: 'git', url: `git+${url}.git` }, proof, risk: 'low' },
  ];
}

function engines(context: ScanContext, isPrivate: boolean): Fact[] {
  const file = ['.nvmrc', '.node-version'].find((candidate) => context.files.includes(candidate));
  const version =
    file === undefined ? null : /^v?(\d+(?:\.\d+){0,2})\s*$/.exec(context.text(file).trim());
  if (file === undefined || version?.[1] === undefined) return [];
  // What a library's authors develop with says little of what its users may run it on.
  return [
    {
      field: 'engines',
      value: { node: `>=${version[1]}` },
      proof: `${file} says ${version[1]}`,
      risk: isPrivate ? 'low' : 'high',
    },
  ];
}

/** Fields that the manifest lacks and the repository proves. */
export const metadata: Detector = {
  name: 'metadata',
  find(context) {
    const manifest = manifestAt(context, MANIFEST);
    if (manifest === null) return Promise.resolve([]);
    // The old plural says it already.
    const stated = (field: string): boolean =>
      field in manifest || (field === 'license' && 'licenses' in manifest);
    const facts = [
      ...license(context),
      ...home(context),
      ...engines(context, manifest.private === true),
    ];
    return Promise.resolve(
      facts
        .filter(({ field }) => !stated(field))
        .map(({ field, value, proof, risk }) =>
          mechanicGap(
            {
              detector: 'metadata',
              file: MANIFEST,
              symbol: field,
              title: `Add ${field} to ${MANIFEST}`,
              type: 'metadata',
              instructions: `Add "${field}": ${JSON.stringify(value)} to ${MANIFEST}; ${proof}.`,
              acceptance: [`${MANIFEST} has the field ${field}.`],
              deliverables: [MANIFEST],
              evidence: `${MANIFEST} has no ${field}; ${proof}`,
              risk,
            },
            { kind: 'metadata', manifest: MANIFEST, field, value },
          ),
        ),
    );
  },
};
