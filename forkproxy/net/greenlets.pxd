"""greenlet's C interface, as far as we use it."""

from cpython.object cimport PyObject

cdef extern from "greenlet/greenlet.h":
    ctypedef class greenlet.greenlet [object PyGreenlet]:
        pass
    void PyGreenlet_Import()
    greenlet PyGreenlet_GetCurrent()
    greenlet PyGreenlet_New(object run, greenlet parent)
    object PyGreenlet_Switch(greenlet g, PyObject* args, PyObject* kwargs)
