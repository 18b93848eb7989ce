/** Why a link could not do what it says; its text is for the person who confirmed it. What was written before is taken back. */
export class LinkProblem extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = "LinkProblem";
  }
}
