// Package retain keeps the log as long as it should be kept, and no longer. Round by round it removes the oldest events of each source, by age and by
// size, but never what some mapping has not settled, what no two checkpoints cover, or what a projection has not read. Outcomes and rejected
// requests follow their events, what apps received goes by its own age, and the projections let go of what the log no longer has.
//
// An unsettled backlog is what holds the log up. It may hold so many hours and bytes for each source; from half of that on there is an alarm, and beyond it that
// source alone takes no more events, or gives up its oldest.
//
// What does not belong here: how frames are removed. That is internal/eventlog.
package retain
