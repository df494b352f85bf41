/** A project as it is stored. A deleted one is not found. */
export interface Project {
  readonly id: number
  readonly name: string
  /** The account that created it. Owning grants nothing by itself: the owner is made a projectAdmin. */
  readonly ownerId: number
  /** Anybody may pull, without logging in. */
  readonly isPublic: boolean
  readonly createdAt: Date
}

/** Somebody as memberships see them: the account, and the groups named with the login. */
export interface Person {
  readonly accountId: number
  readonly groupIds: readonly number[]
}

/** Who a membership is about. */
export interface Member {
  readonly kind: 'user' | 'group'
  readonly id: number
}

/** One member of a project, and the id of the role they have there. */
export interface Membership {
  readonly member: Member
  readonly role: number
}

/** What a new project is made of. */
export interface NewProject {
  readonly name: string
  readonly ownerId: number
  readonly isPublic: boolean
}

/** Which projects to list, by ascending id. */
export interface ProjectQuery {
  /** Only public, or only private ones. */
  readonly isPublic?: boolean
  /** Only ids above this one: the id of the last project of the page before. */
  readonly after?: number
  /** At most so many: 1 to 1000, 100 by default. */
  readonly limit?: number
}

/**
 * Keeps projects and who has which role in them. Role ids are Harbor's; an id that no role is known by is stored and
 * grants nothing.
 *
 * Every method throws {@link BackendUnavailableError} when it cannot tell; "not there" is an answer, never a guess.
 */
export interface ProjectManager {
  /** Exact name; `undefined` when there is none, or when the text cannot be a project name. */
  get(name: string): Promise<Project | undefined>
  /** Ids of all roles a person has, directly or by group, each once, ascending; none for a project that is gone. */
  rolesOf(project: Project, person: Person): Promise<readonly number[]>
  list(query?: ProjectQuery): Promise<readonly Project[]>
  /**
   * Creates a project and makes its owner a projectAdmin, in one atomic step.
   *
   * @throws {ConflictError} when the name is taken.
   * @throws {InvalidInputError} when the text cannot be a project name.
   */
  create(project: NewProject): Promise<Project>
  /** Removes softly: the name can be used again, by a project of another id, and no membership is left. */
  remove(project: Project): Promise<void>
  /**
   * Adds a member or changes the role of one. Whether the account or group exists is the caller's to check.
   *
   * @throws {NotFoundError} when the project is gone.
   * @throws {InvalidInputError} when the role is not a positive 32-bit integer.
   */
  setMember(project: Project, member: Member, role: number): Promise<void>
  /** @throws {NotFoundError} when they are no member, or the project is gone. */
  removeMember(project: Project, member: Member): Promise<void>
  /** Users first, then groups, each by ascending id. */
  members(project: Project): Promise<readonly Membership[]>
  /** @throws {NotFoundError} when the project is gone. */
  setPublic(project: Project, isPublic: boolean): Promise<void>
}
