import { Text } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import { ApiFailure } from '../../api/client.ts';
import { Card } from '../../parts/Card.tsx';

interface Props {
  /** What was asked about. */
  readonly name: string;
  /** The answer that was given here, if one was. */
  readonly answer: Pick<
    UseMutationResult<unknown, Error, string>,
    'error' | 'isSuccess' | 'variables'
  >;
}

/** Where a card was: what became of it. */
export function Answered({ name, answer }: Props) {
  const { error, isSuccess, variables } = answer;
  return (
    <Card role="status">
      <Text size="sm" c="var(--vigil-soft)">
        {isSuccess
          ? `${name}: ${variables}.`
          : cameLate(error)
            ? `${name} was answered elsewhere before your answer arrived. Yours changed nothing.`
            : `${name} was answered elsewhere.`}
      </Text>
    </Card>
  );
}

/** Whether an answer was refused because the question has one. */
export function cameLate(error: Error | null): boolean {
  return error instanceof ApiFailure && (error.status === 404 || error.status === 409);
}
