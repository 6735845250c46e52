import { PageTitle } from '../../parts/PageTitle.tsx';
import { useQueryParam } from '../../parts/useQueryParam.ts';
import { ChooseRepository } from './ChooseRepository.tsx';
import { FirstWork } from './FirstWork.tsx';

/** From a repository to its first merged task. */
export default function Start() {
  const [project, setProject] = useQueryParam('project');
  return (
    <>
      <PageTitle title="First run">
        Choose a repository, see what was found, and let Vigil begin.
      </PageTitle>
      {project === '' ? (
        <ChooseRepository onStarted={setProject} />
      ) : (
        <FirstWork id={project} onAgain={() => setProject('')} />
      )}
    </>
  );
}
