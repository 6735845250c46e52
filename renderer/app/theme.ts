import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** Vigil's own blue, light to dark. */
const vigil: MantineColorsTuple = [
  '#edf2ff',
  '#dbe4ff',
  '#bac8ff',
  '#91a7ff',
  '#748ffc',
  '#5c7cfa',
  '#4c6ef5',
  '#3b5bdb',
  '#364fc7',
  '#2b3f9e',
];

/** Of buttons that take something away, light to dark: white passes AA on the filled one, which Mantine's own red misses. */
const danger: MantineColorsTuple = [
  '#ffe3e3',
  '#ffc9c9',
  '#ffa8a8',
  '#ff8787',
  '#fa5252',
  '#f03e3e',
  '#e03131',
  '#c92a2a',
  '#b02525',
  '#952020',
];

/** The one place for how Vigil looks: type, colours, roundness. Everything else takes it from here. */
export const theme = createTheme({
  primaryColor: 'vigil',
  // White on it passes AA in both schemes; lighter shades do not carry a filled button's text.
  primaryShade: 7,
  colors: { vigil, danger },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", "Inter", "Liberation Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '600' },
  components: {
    Modal: {
      defaultProps: {
        // What locks the scroll adds a style sheet without our nonce, which the content security policy refuses.
        lockScroll: false,
        centered: true,
        // The sign alone says nothing to who does not see it.
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
  },
});

/** Colours with a meaning, for text and marks on the page's own ground: all of them pass AA on it. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    // The components' own quiet colours are too faint to pass on our ground.
    '--mantine-color-dimmed': 'var(--vigil-soft)',
    '--mantine-color-placeholder': 'var(--vigil-soft)',
    '--mantine-color-error': 'var(--vigil-bad)',
    '--mantine-color-yellow-light-color': 'var(--vigil-warn)',
    '--mantine-color-green-light-color': 'var(--vigil-good)',
    '--mantine-color-red-light-color': 'var(--vigil-bad)',
    '--vigil-ground': '#f8f9fb',
    '--vigil-card': '#ffffff',
    '--vigil-line': '#e3e6ec',
    '--vigil-soft': '#5a6372',
    '--vigil-good': '#1d7a46',
    '--vigil-warn': '#8f5b00',
    '--vigil-bad': '#b3261e',
    '--vigil-busy': '#3b5bdb',
    '--vigil-added': '#e9f7ee',
    '--vigil-removed': '#fdeeed',
    '--vigil-code-keyword': '#6f42c1',
    '--vigil-code-string': '#0b5a8a',
    '--vigil-code-number': '#9a4d00',
    '--vigil-code-name': '#2f4fc4',
    '--vigil-code-comment': '#5a6372',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--vigil-soft)',
    '--mantine-color-placeholder': 'var(--vigil-soft)',
    '--mantine-color-error': 'var(--vigil-bad)',
    '--mantine-color-yellow-light-color': 'var(--vigil-warn)',
    '--mantine-color-yellow-light': '#332a17',
    '--vigil-ground': '#121419',
    '--vigil-card': '#1a1d24',
    '--vigil-line': '#2b303a',
    '--vigil-soft': '#a0a8b8',
    '--vigil-good': '#6fcf97',
    '--vigil-warn': '#e5b567',
    '--vigil-bad': '#ff8f87',
    '--vigil-busy': '#91a7ff',
    '--vigil-added': '#16291f',
    '--vigil-removed': '#331d1f',
    '--vigil-code-keyword': '#c9a8ff',
    '--vigil-code-string': '#8fcaf0',
    '--vigil-code-number': '#f0b27a',
    '--vigil-code-name': '#a5b8ff',
    '--vigil-code-comment': '#a0a8b8',
  },
});
