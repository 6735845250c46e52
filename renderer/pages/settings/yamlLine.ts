/** The line of `config.yaml` that sets a value: `limits: { attemptsPerTask: 5 }`. */
export function yamlLine({ path, value }: { path: string; value: string }): string {
  const [group = '', ...rest] = path.split('.');
  const written = value === 'none' ? '[]' : value === 'not set' ? '…' : value;
  return rest.length === 0 ? `${group}: ${written}` : `${group}: { ${rest.join('.')}: ${written} }`;
}
