import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ProjectConfig } from '../../../shared/model/config.ts';
import { parseYaml } from '../../../shared/model/parseYaml.ts';
import type { ProjectProfile } from '../../../shared/model/project.ts';
import {
  choosePackageManager,
  installCommand,
  programCommand,
  scriptCommand,
} from './packageManager.ts';
import { dependsOn, readProjectFiles, type ProjectFiles } from './projectFiles.ts';
import { findTestCommand } from './testCommand.ts';

const CONFIG_FILES = ['vigil.yaml', 'vigil.yml'];
const minute = 60_000;
/** Longer than almost all suites; past it tests go on only while they print. */
const TEST_TIMEOUT_MS = 10 * minute;

/** Copies, results and recorded data: nobody wants a change proposed there. */
const USUALLY_IGNORED = [
  '**/node_modules/**',
  '**/vendor/**',
  '**/third_party/**',
  '**/dist/**',
  '**/coverage/**',
  '**/fixtures/**',
  '**/__fixtures__/**',
  '**/__snapshots__/**',
  '**/*.min.js',
  '**/*.min.css',
];

const PRETTIER_CONFIG = /^(\.prettierrc(\..+)?|prettier\.config\.[cm]?[jt]s)$/;
const ESLINT_CONFIG = /^(eslint\.config\.[cm]?[jt]s|\.eslintrc(\..+)?)$/;

/** The profile of a project, and the branch that its `vigil.yaml` names, or null. */
export interface DetectedProject {
  readonly profile: ProjectProfile;
  readonly target: string | null;
}

/**
 * Finds out how the project in a folder is installed, tested, linted and formatted. A `vigil.yaml`
 * overrides what was detected, except that its `ignore` adds to the usual globs.
 * @throws VigilError `invalid-input` naming file, line and field when that file is malformed.
 */
export async function detectProfile(root: string): Promise<DetectedProject> {
  const project = await readProjectFiles(root);
  const { config, file } = await readConfig(project);
  const detected = await detect(project);
  return { profile: override(detected, config, file), target: config.target ?? null };
}

/** Whether a value was set in the project's `vigil.yaml` and not detected. */
export function isOverridden(
  { sources }: Pick<ProjectProfile, 'sources'>,
  key: keyof ProjectProfile,
): boolean {
  return CONFIG_FILES.some((file) => sources[key] === file);
}

async function readConfig({
  root,
  top,
}: ProjectFiles): Promise<{ config: ProjectConfig; file: string }> {
  const file = CONFIG_FILES.find((name) => top.has(name));
  if (file === undefined) return { config: {}, file: 'vigil.yaml' };
  return {
    config: parseYaml(ProjectConfig, await readFile(path.join(root, file), 'utf8'), file),
    file,
  };
}

async function detect(project: ProjectFiles): Promise<ProjectProfile> {
  const manager = choosePackageManager(project);
  const test = await findTestCommand(project, manager.name);
  const lint = findLint(project, manager.name);
  const formatter = findFormatter(project);
  const language = findLanguage(project);
  const install = installCommand(project, manager);
  const notes = [...project.notes, ...manager.notes, ...(test?.notes ?? [])];
  if (test === null)
    notes.push(
      'No test command was found, so every result waits for your review; name one as `test:` in vigil.yaml.',
    );
  return {
    packageManager: manager.name,
    install,
    test: test?.command ?? null,
    lint: lint?.command ?? null,
    formatter: formatter === null ? null : 'prettier',
    language: language.language,
    ignore: USUALLY_IGNORED,
    review: false,
    testTimeoutMs: TEST_TIMEOUT_MS,
    notes,
    sources: {
      packageManager: manager.source,
      install: install === null ? 'detected: no dependencies' : manager.source,
      test: test?.source ?? 'detected: none',
      lint: lint?.source ?? 'detected: none',
      formatter: formatter ?? 'detected: none',
      language: language.source,
    },
  };
}

function override(detected: ProjectProfile, config: ProjectConfig, file: string): ProjectProfile {
  const profile = { ...detected, notes: [...detected.notes], sources: { ...detected.sources } };
  const set = <K extends 'install' | 'test' | 'lint' | 'formatter' | 'review' | 'testTimeoutMs'>(
    key: K,
    value: ProjectProfile[K] | undefined,
  ): void => {
    if (value === undefined) return;
    profile[key] = value;
    profile.sources[key] = file;
  };
  set('install', command(config.install));
  set('test', command(config.test));
  set('lint', command(config.lint));
  set('formatter', config.formatter);
  set('review', config.review);
  set(
    'testTimeoutMs',
    config.testTimeoutMinutes === undefined
      ? undefined
      : Math.ceil(config.testTimeoutMinutes * minute),
  );
  if (config.network !== undefined) {
    profile.network = [...config.network];
    profile.sources['network'] = file;
  }
  if (config.prefer !== undefined) {
    profile.prefer = [...config.prefer];
    profile.sources['prefer'] = file;
  }
  if (config.oversight !== undefined) {
    profile.oversight = [...config.oversight];
    profile.sources['oversight'] = file;
  }
  if (config.ignore !== undefined) {
    profile.ignore = [...detected.ignore, ...config.ignore];
    profile.sources['ignore'] = file;
  }
  // Whoever set `test:`, even to nothing, has heard what a note about it would say.
  if (config.test !== undefined)
    profile.notes = profile.notes.filter((note) => !note.includes('`test:` in vigil.yaml'));
  return profile;
}

/** An empty command is none. */
function command(given: string | null | undefined): string | null | undefined {
  return typeof given === 'string' && given.trim() === '' ? null : given;
}

interface Found {
  readonly command: string;
  readonly source: string;
}

function findLint(
  { top, manifest }: ProjectFiles,
  manager: ProjectProfile['packageManager'],
): Found | null {
  if (manifest?.scripts?.['lint'] !== undefined)
    return {
      command: scriptCommand(manager, 'lint'),
      source: 'detected: script lint in package.json',
    };
  const config =
    [...top].find((name) => ESLINT_CONFIG.test(name)) ??
    (manifest?.eslintConfig === undefined ? undefined : 'eslintConfig in package.json');
  if (config === undefined || !dependsOn(manifest, 'eslint')) return null;
  return { command: programCommand(manager, 'eslint .'), source: `detected: ${config}` };
}

function findFormatter({ top, manifest }: ProjectFiles): string | null {
  if (dependsOn(manifest, 'prettier')) return 'detected: prettier in package.json';
  const config =
    [...top].find((name) => PRETTIER_CONFIG.test(name)) ??
    (manifest?.prettier === undefined ? undefined : 'prettier in package.json');
  return config === undefined ? null : `detected: ${config}`;
}

/** By the sources themselves: many a JavaScript project has a compiler only to check its types. */
function findLanguage({ files, manifest }: ProjectFiles): {
  language: ProjectProfile['language'];
  source: string;
} {
  const typescript = files.filter(
    (file) => /\.[cm]?tsx?$/.test(file) && !/\.d\.[cm]?ts$/.test(file),
  ).length;
  const javascript = files.filter((file) => /\.([cm]?js|jsx)$/.test(file)).length;
  const source = `detected: ${typescript} TypeScript and ${javascript} JavaScript files`;
  if (typescript > 0 && typescript >= javascript) return { language: 'typescript', source };
  return javascript > 0 || manifest !== null
    ? { language: 'javascript', source }
    : { language: 'other', source };
}
