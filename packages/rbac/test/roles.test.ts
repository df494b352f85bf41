import { ACTIONS, type Action } from '@lockkeeper/core'
import { findRole, PROJECT_PARTS, PROJECT_ROLES, publicRights, SYSTEM_GRANTS, SYSTEM_PARTS } from '@lockkeeper/rbac'
import { describe, expect, it } from 'vitest'

// Written out a second time, in another form, so that a slip in one of them shows.
const GRID = `
part                 projectAdmin         maintainer           developer          guest     limitedGuest  public
self                 R U D                R                    R                  R         R             R
member               C R U D L            R L                  R L                R L       -             -
metadata             C R U D              R                    -                  -         -             -
log                  L                    -                    -                  -         -             -
label                C R U D L            C R U D L            R L                R L       -             R L
quota                R                    R                    R                  R         R             -
repository           C R U D L pull push  C R U D L pull push  C R U L pull push  R L pull  R L pull      L pull
tag-retention        C R U D L O          C R U D L O          C R U D L O        -         -             -
immutable-tag        C U D L              C U D L              -                  -         -             -
configuration        R U                  R                    R                  R         R             -
robot                C R U D L            R L                  R L                R L       -             -
notification-policy  C R U D L            R L                  -                  -         -             -
scan                 C R S                C R S                R                  R         R             R
sbom                 C R S                C R S                R                  R         R             -
scanner              C R                  R                    R                  R         R             R
artifact             C R D L              C R D L              C R L              R L       R L           R L
artifact-addition    R                    R                    R                  R         R             R
tag                  C D L                C D L                C L                L         L             L
accessory            L                    L                    L                  L         L             L
artifact-label       C D                  C D                  C D                -         -             -
preheat-policy       C R U D L            -                    -                  -         -             -
export-cve           C R L                C R L                C R L              -         -             -`

const LETTERS: Readonly<Record<string, Action>> = {
  C: 'create',
  R: 'read',
  U: 'update',
  D: 'delete',
  L: 'list',
  O: 'operate',
  S: 'stop',
  pull: 'pull',
  push: 'push',
}

const [header = [], ...rows] = GRID.trim()
  .split('\n')
  .map((line) => line.trim().split(/ {2,}/))

describe('the tables of roles', () => {
  it.each(header.slice(1))('%s grants exactly what the grid says', (name) => {
    const role = name === 'public' ? publicRights : findRole(name)
    const column = header.indexOf(name)
    for (const [part = '', ...cells] of rows) {
      const cell = cells[column - 1] ?? ''
      const expected = cell === '-' ? [] : cell.split(' ').map((letter) => LETTERS[letter])
      const granted = ACTIONS.filter((action) => role?.allows(action, part))
      expect({ part, granted: granted.toSorted() }).toEqual({ part, granted: expected.toSorted() })
    }
    expect(rows.map(([part]) => part)).toEqual([...PROJECT_PARTS])
  })

  it('grant 75, 53, 36, 20 and 14 pairs', () => {
    const count = (name: string) => Object.values(findRole(name)?.grants ?? {}).flat().length
    expect(header.slice(1, 6).map(count)).toEqual([75, 53, 36, 20, 14])
  })

  it('have the ids that memberships store', () => {
    expect(Object.fromEntries(PROJECT_ROLES.map(({ id, name }) => [name, id]))).toEqual({
      projectAdmin: 1,
      developer: 2,
      guest: 3,
      maintainer: 4,
      limitedGuest: 5,
    })
  })

  it('give nobody the pull of a scanner', () => {
    const tables = [...PROJECT_ROLES.map((role) => role.grants), publicRights.grants, SYSTEM_GRANTS]
    expect(tables.flatMap((grants) => Object.values(grants)).flat()).not.toContain('scanner-pull')
  })

  it('name every part of the deployment', () => {
    expect(Object.keys(SYSTEM_GRANTS)).toEqual([...SYSTEM_PARTS])
  })
})
