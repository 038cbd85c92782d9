# SPDX-License-Identifier: MIT
# glmark2 and the libraries that it needs, for one system: make -f glmark2.mk PROGRAM=FILE OBJ=FOLDER SRC=FOLDER HERE=FOLDER
# CC=COMPILER CXX=COMPILER SYSTEM=win32|x11. build-glmark2.sh unpacks the sources.
G := $(SRC)/glmark2/src

CXX_SOURCES := $(filter-out $(wildcard $(G)/native-state-*.cpp $(G)/gl-state-*.cpp $(G)/*android*.cpp),$(wildcard $(G)/*.cpp))
CXX_SOURCES += $(wildcard $(G)/scene-terrain/*.cpp) $(HERE)/frames.cpp
CC_SOURCES := $(wildcard $(G)/scene-ideas/*.cc) $(addprefix $(G)/libmatrix/,log.cc mat.cc program.cc shader-source.cc util.cc)
C_SOURCES := $(G)/glad/src/gl.c
DEFINES := -DGLMARK2_USE_GL -DUSE_EXCEPTIONS -DGLMARK_VERSION='"2023.01"' -DGLMARK_DATA_PATH='"."' -DGLMARK2_EXECUTABLE='"glmark2"'
ifeq ($(SYSTEM),win32)
CXX_SOURCES += $(G)/native-state-win32.cpp $(G)/gl-state-wgl.cpp
C_SOURCES += $(G)/glad/src/wgl.c
DEFINES += -DGLMARK2_USE_WIN32 -DGLMARK2_USE_WGL -DWIN32 -D_USE_MATH_DEFINES -idirafter $(G)/include -I$(HERE)/windows
LIBRARIES := -static -lopengl32 -lgdi32 -luser32
else
CXX_SOURCES += $(G)/native-state-x11.cpp $(G)/gl-state-glx.cpp
C_SOURCES += $(G)/glad/src/glx.c
DEFINES += -DGLMARK2_USE_X11 -DGLMARK2_USE_GLX
LIBRARIES := -lX11 -ldl -lm
endif

Z_SOURCES := $(filter-out $(SRC)/zlib/gz%,$(wildcard $(SRC)/zlib/*.c))
PNG_SOURCES := $(filter-out $(SRC)/libpng/example.c $(SRC)/libpng/pngtest.c,$(wildcard $(SRC)/libpng/*.c))
JPEG := jaricom jcapimin jcapistd jcarith jccoefct jccolor jcdctmgr jchuff jcicc jcinit jcmainct jcmarker jcmaster jcomapi jcparam \
    jcphuff jcprepct jcsample jctrans jdapimin jdapistd jdarith jdatadst jdatasrc jdcoefct jdcolor jddctmgr jdhuff jdicc jdinput \
    jdmainct jdmarker jdmaster jdmerge jdphuff jdpostct jdsample jdtrans jerror jfdctflt jfdctfst jfdctint jidctflt jidctfst \
    jidctint jidctred jquant1 jquant2 jutils jmemmgr jmemnobs jsimd_none
JPEG_SOURCES := $(JPEG:%=$(SRC)/libjpeg-turbo/%.c)

INCLUDES := -I$(G) -I$(G)/glad/include -I$(G)/libmatrix -I$(G)/scene-ideas -I$(G)/scene-terrain -I$(SRC)/libpng -I$(SRC)/zlib \
    -I$(SRC)/libjpeg-turbo -I$(HERE)
SOURCES := $(CXX_SOURCES) $(CC_SOURCES) $(C_SOURCES) $(Z_SOURCES) $(PNG_SOURCES) $(JPEG_SOURCES)
objects = $(foreach source,$(1),$(OBJ)/$(subst /,_,$(source:$(SRC)/%=%)).o)

$(PROGRAM): $(call objects,$(SOURCES))
	$(CXX) -o $@ $^ $(LIBRARIES)

$(OBJ)/glmark2_src_libmatrix_util.cc.o $(OBJ)/glmark2_src_scene-ideas.cpp.o: DEFINES += -Dclock_gettime=AppsClock

define compiled
$(call objects,$(1)): $(1)
	$(2) -O1 -w $$(DEFINES) $$(INCLUDES) -c -o $$@ $$<
endef
$(foreach source,$(CXX_SOURCES) $(CC_SOURCES),$(eval $(call compiled,$(source),$(CXX) -std=c++14)))
$(foreach source,$(C_SOURCES) $(Z_SOURCES) $(PNG_SOURCES) $(JPEG_SOURCES),$(eval $(call compiled,$(source),$(CC))))
