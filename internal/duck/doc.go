// Package duck is the one DuckDB instance of a process, with two files attached: journal and analytics. Both hold projections of the log: what
// is in them can be deleted at any time, and is made again from the log.
//
// So a file that is damaged, or was written by a release with other tables, is put aside and begun anew, with a line in the log of the process. Each file has one Writer,
// whose transactions carry the position in the log that they reach; any number of readers use Select.
//
// The instance reaches nothing but its two files: no other file, no network, no extension is loaded.
//
// What does not belong here: tables and queries. They are the stages'.
package duck
