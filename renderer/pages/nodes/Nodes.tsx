import { Alert, Stack, Text } from '@mantine/core';
import { count } from '../../../shared/explain/format.ts';
import type { NodesView } from '../../../shared/model/meshApi.ts';
import { useNodes } from '../../api/queries.ts';
import { PageTitle } from '../../parts/PageTitle.tsx';
import { Reading } from '../../parts/Reading.tsx';
import { InviteButton } from './InviteButton.tsx';
import { NodeCard } from './NodeCard.tsx';

/** The machines: who is there, who leads, how they are, what they can. */
export default function Nodes() {
  const nodes = useNodes();
  const view = nodes.data;
  return (
    <>
      <PageTitle title="Nodes" actions={<InviteButton />}>
        {view
          ? `${count(view.nodes.filter(({ up }) => up).length, 'node')} of ${view.nodes.length} up. ${leads(view)}`
          : 'Your machines.'}
      </PageTitle>
      <Reading of={nodes}>
        {({ nodes: all, leadership }) => (
          <Stack>
            {all.map((node) => (
              <NodeCard key={node.id} node={node} />
            ))}
            {leadership === null && all.length <= 1 && <Lone />}
          </Stack>
        )}
      </Reading>
    </>
  );
}

function leads({ nodes, leadership }: NodesView): string {
  if (leadership === null) return 'It leads itself.';
  const { leader, reason, term } = leadership;
  if (leader === null) return `Nobody leads at the moment: ${reason}.`;
  const name = nodes.find(({ id }) => id === leader)?.name ?? leader;
  return `${name} leads (term ${term}): ${reason}.`;
}

function Lone() {
  return (
    <Alert title="This node works alone" variant="light">
      <Text size="sm">
        With a second machine Vigil runs more at once, sends heavy work to the coolest one, goes on
        when a laptop sleeps, and keeps a copy of its memory. Install Vigil there, choose{' '}
        <b>Invite a machine</b> here, and run the line that it shows on the other machine.
      </Text>
    </Alert>
  );
}
